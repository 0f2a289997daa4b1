using System.Globalization;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>Prints results as tables and draws them.</summary>
internal static class Report
{
    public static void Print(TraceResult result)
    {
        Say($"### {result.Trace.Name}: {result.Trace.Accesses.Length:N0} accesses of {result.Trace.Keys:N0} users");
        Say($"");
        Say($"| room for | policy | hit ratio | store reads | request units | reads against {Policy.All[0].Name} |");
        Say($"|---|---|---:|---:|---:|---:|");
        for (var size = 0; size < result.Sizes.Length; size++)
        {
            for (var policy = 0; policy < Policy.All.Count; policy++)
            {
                var room = policy > 0 ? "" : Text($"{result.Sizes[size]} %, {TraceResult.CapacityOf(result.Trace, result.Sizes[size]):N0} users");
                var reads = result.StoreReads[size][policy];
                Say($"| {room} | {Policy.All[policy].Name} | {Percent(result.HitRatio(size, policy), "0.00")} | {reads:N0} | {reads:N0} | {Percent(result.Against(size, policy), "+0.0;−0.0;0.0")} |");
            }
        }

        Say($"");
    }

    /// <exception cref="ReplayException">The file cannot be written.</exception>
    public static void Draw(IReadOnlyList<TraceResult> results, string path)
    {
        try
        {
            File.WriteAllText(path, Plot.ToSvg(results));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReplayException($"The drawing '{path}' cannot be written: {exception.Message}");
        }
    }

    private static string Percent(double part, string format) => Text($"{(part * 100).ToString(format, CultureInfo.InvariantCulture)} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Say(FormattableString text) => Console.WriteLine(Text(text));
}
