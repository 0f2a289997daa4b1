using System.Runtime.InteropServices;

namespace Lookup.Functions.Hosting;

/// <summary>The parent of this process.</summary>
internal static class ParentProcess
{
    /// <summary>
    /// Returns the current process id of the parent. A process whose parent exits gets another parent, so a change means that the parent has
    /// exited. On Windows, always returns 0, because the Functions host puts its handler into a job that ends with the host.
    /// </summary>
    public static int Id() => OperatingSystem.IsWindows() ? 0 : GetParentProcessId();

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParentProcessId();
}
