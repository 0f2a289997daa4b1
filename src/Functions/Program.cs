using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;

try
{
    return ServiceRun.ToEnd(LookupHost.Create(args));
}
catch (LookupSettingsException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine($"{e.Message} Stop the process that uses the address, or specify another address with --urls.");
    return 1;
}
