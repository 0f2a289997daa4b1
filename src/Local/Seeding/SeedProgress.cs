using System.Globalization;
using Spectre.Console;

namespace Lookup.Local.Seeding;

/// <summary>Shows how far the writing is: a bar on a terminal, a line now and then elsewhere.</summary>
internal static class SeedProgress
{
    private const int FewestUsersPerLine = 2_000;

    /// <summary>Runs the work and shows what it reports.</summary>
    /// <param name="output">Where lines go, or <see langword="null"/> to draw a bar on the terminal.</param>
    /// <param name="total">How many users there will be.</param>
    /// <param name="work">The work; it reports how many users are written by now, from any thread.</param>
    public static Task ShowAsync(TextWriter? output, int total, Func<Action<int>, Task> work) =>
        output is null ? ShowBarAsync(total, work) : ShowLinesAsync(output, total, work);

    private static Task ShowBarAsync(int total, Func<Action<int>, Task> work) =>
        AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask("Writing sample users", maxValue: total);
                return work(_ => bar.Increment(1));
            });

    // A million users must not be five hundred lines: never more than five.
    private static Task ShowLinesAsync(TextWriter output, int total, Func<Action<int>, Task> work)
    {
        var step = Math.Max(FewestUsersPerLine, total / 5);
        return work(written =>
        {
            if (written % step == 0)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {written:N0} of {total:N0} sample users written"));
        });
    }
}
