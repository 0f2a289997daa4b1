namespace Lookup.Emulator;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} was answered 500: an error of this endpoint, not of the client.")]
    public static partial void UnexpectedError(ILogger logger, string method, string path, Exception exception);
}
