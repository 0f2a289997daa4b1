namespace Lookup.Benchmarks.Http;

/// <summary>What is going on, on the standard error: the standard output is for the report.</summary>
internal static class Progress
{
    public static void Say(string what) => Console.Error.WriteLine($"  {what}");
}
