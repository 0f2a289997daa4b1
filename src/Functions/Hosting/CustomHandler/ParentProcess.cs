using System.Runtime.InteropServices;

namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>Who started this process.</summary>
internal static class ParentProcess
{
    /// <summary>
    /// The parent's process id at this moment. A process whose parent ends is given another one, so a change says that it is gone.
    /// On Windows always 0: there the Functions host puts its handler into a job that ends with it.
    /// </summary>
    public static int Id() => OperatingSystem.IsWindows() ? 0 : GetParentProcessId();

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParentProcessId();
}
