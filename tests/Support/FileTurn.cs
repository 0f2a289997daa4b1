namespace Lookup.Support;

/// <summary>A turn that one process at a time has, by a file that it holds open. The system ends the turn of a process that is killed.</summary>
public static class FileTurn
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the turn.</summary>
    /// <returns>The turn, which ends when it is disposed of.</returns>
    public static async Task<IDisposable> TakeAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
            {
                await Task.Delay(Interval, TimeProvider.System, cancellationToken);
            }
        }
    }
}
