using System.Globalization;

namespace Lookup.Functions.Hosting;

/// <summary>Where the service listens, and who decides that.</summary>
/// <param name="Urls">The addresses.</param>
/// <param name="IsBehindFunctionsHost">The Functions host started the process: it checks the keys, and it alone reaches the port.</param>
internal sealed record ListenAddresses(string[] Urls, bool IsBehindFunctionsHost)
{
    private const string Default = "http://127.0.0.1:7071";

    /// <exception cref="LookupSettingsException">The port is none.</exception>
    public static ListenAddresses Read(IConfiguration configuration)
    {
        foreach (var name in (ReadOnlySpan<string>)["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"])
        {
            if (configuration[name] is { Length: > 0 } port)
                return new ListenAddresses([$"http://127.0.0.1:{Checked(name, port)}"], true);
        }

        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
            return new ListenAddresses(urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), false);
        if (configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } ports)
            return new ListenAddresses([.. ports.Split(';', StringSplitOptions.TrimEntries).Select(port => $"http://*:{port}")], false);
        return new ListenAddresses([Default], false);
    }

    private static int Checked(string name, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
            ? number
            : throw new LookupSettingsException($"{name} is '{port}'; it must be a port from 1 to 65535.");
}
