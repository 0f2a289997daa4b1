using System.Globalization;
using Spectre.Console;

namespace Lookup.Local.Seeding;

/// <summary>The progress of writing the users: a bar on a terminal, or else occasional lines.</summary>
internal static class SeedProgress
{
    private const int MinUsersPerLine = 2_000;

    /// <summary>Runs the work and shows its progress.</summary>
    /// <param name="output">The writer of the lines, or <see langword="null"/> to draw a bar on the terminal.</param>
    /// <param name="total">The number of users to write.</param>
    /// <param name="work">The work, which reports the number of users written so far, from any thread.</param>
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

    // At most five lines, whatever the number of users.
    private static Task ShowLinesAsync(TextWriter output, int total, Func<Action<int>, Task> work)
    {
        var step = Math.Max(MinUsersPerLine, total / 5);
        return work(written =>
        {
            if (written % step == 0)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {written:N0} of {total:N0} sample users written"));
        });
    }
}
