using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;

try
{
    return ServiceRun.ToEnd(LookupHost.Create(args));
}
catch (LookupSettingsException e)
{
    // The Functions host logs a line with this word as an error, and adds it to its report that the process has exited.
    Console.Error.WriteLine($"Error: {e.Message}");
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine($"Error: {e.Message} Stop the process that uses the address, or specify another address with --urls.");
    return 1;
}
