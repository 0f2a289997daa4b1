namespace Lookup.System.Tests.Churn;

internal static class ChurnCommand
{
    public static Task<int> RunAsync(string[] args) => throw new NotSupportedException();
}
