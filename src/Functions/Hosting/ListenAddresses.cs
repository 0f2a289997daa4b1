using System.Globalization;
using System.Net;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Hosting;

/// <summary>The addresses on which the service listens, and its hosting mode.</summary>
/// <param name="Urls">The addresses.</param>
/// <param name="Mode">The hosting mode. Behind the Functions host, the host validates the keys, and only this machine can reach the port.</param>
internal sealed record ListenAddresses(string[] Urls, HostingMode Mode)
{
    private const string Default = "http://127.0.0.1:7071";
    private const StringSplitOptions Parts = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>Reads the addresses.</summary>
    /// <exception cref="LookupSettingsException">A port or an address is not valid.</exception>
    public static ListenAddresses Read(IConfiguration configuration)
    {
        // The server would listen on these endpoints instead of, or in addition to, the addresses that are checked below. Behind the host, they
        // would bypass its keys.
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

    /// <summary>Checks that all addresses are loopback addresses: without keys, requests are not authenticated.</summary>
    /// <exception cref="LookupSettingsException">An address can be reached from other machines.</exception>
    public void CheckWithoutKeys()
    {
        if (!Mode.IsBehindFunctionsHost && Array.Find(Urls, url => !IsLoopback(url)) is { } open)
        {
            throw new LookupSettingsException(
                $"No key is set, so the service may listen on loopback addresses only, but the address is '{open}'; set Lookup__Keys__0 and"
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
            // TLS is terminated in front of the service: by the Functions host, an ingress or a proxy.
            return BindingAddress.Parse(url).Scheme == Uri.UriSchemeHttp
                ? url
                : throw new LookupSettingsException(
                    $"'{url}' is not an http address; the service does not provide TLS itself, so listen on http and terminate TLS in front of it.");
        }
        catch (FormatException)
        {
            throw new LookupSettingsException($"'{url}' is not a valid address to listen on; it must look like http://127.0.0.1:7071.");
        }
    }

    private static int Checked(string name, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
            ? number
            : throw new LookupSettingsException($"{name} is '{port}'; it must be a port from 1 to 65535.");
}
