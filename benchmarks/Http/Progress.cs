namespace Lookup.Benchmarks.Http;

/// <summary>Progress messages on standard error; standard output is for the report.</summary>
internal static class Progress
{
    public static void Say(string what) => Console.Error.WriteLine($"  {what}");
}
