using System.Globalization;
using System.Net;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Hosting.Standalone;

/// <summary>Where the service listens, and who decides that.</summary>
/// <param name="Urls">The addresses.</param>
/// <param name="Mode">The way in which the process is called. The Functions host checks the keys, and it alone reaches the port.</param>
internal sealed record ListenAddresses(string[] Urls, HostingMode Mode)
{
    private const string Default = "http://127.0.0.1:7071";
    private const StringSplitOptions Parts = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <exception cref="LookupSettingsException">The port is none.</exception>
    public static ListenAddresses Read(IConfiguration configuration)
    {
        // The server would listen there instead of, or besides, the addresses that are checked below: behind the host, past its keys.
        if (configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new LookupSettingsException("Kestrel__Endpoints is set; the addresses to listen on must be given with --urls instead.");

        foreach (var name in (ReadOnlySpan<string>)["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"])
        {
            if (configuration[name] is { Length: > 0 } port)
                return new ListenAddresses([$"http://127.0.0.1:{Checked(name, port)}"], HostingMode.CustomHandler);
        }

        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
            return new ListenAddresses([.. urls.Split(';', Parts).Select(Checked)], HostingMode.Standalone);
        if (configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } ports)
            return new ListenAddresses([.. ports.Split(';', Parts).Select(port => $"http://*:{port}")], HostingMode.Standalone);
        return new ListenAddresses([Default], HostingMode.Standalone);
    }

    /// <summary>Without keys nobody is asked who they are: then nobody else may reach the service.</summary>
    /// <exception cref="LookupSettingsException">An address can be reached from elsewhere.</exception>
    public void CheckWithoutKeys()
    {
        if (!Mode.IsBehindFunctionsHost && Array.Find(Urls, url => !IsLoopback(url)) is { } open)
        {
            throw new LookupSettingsException(
                $"No key is set, so the service listens on this machine only, but the address is '{open}'; set Lookup__Keys__0 and"
                + " Lookup__AdminKeys__0, or listen on http://127.0.0.1.");
        }
    }

    private static bool IsLoopback(string url)
    {
        var host = BindingAddress.Parse(url).Host.Trim('[', ']');
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static string Checked(string url)
    {
        try
        {
            // The certificate is the business of what stands in front: the Functions host, an ingress, a proxy.
            return BindingAddress.Parse(url).Scheme == Uri.UriSchemeHttp
                ? url
                : throw new LookupSettingsException(
                    $"'{url}' is not plain http; the service speaks no TLS itself: listen on http and let what stands in front of it do that.");
        }
        catch (FormatException)
        {
            throw new LookupSettingsException($"'{url}' is no address to listen on; it must look like http://127.0.0.1:7071.");
        }
    }

    private static int Checked(string name, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
            ? number
            : throw new LookupSettingsException($"{name} is '{port}'; it must be a port from 1 to 65535.");
}
