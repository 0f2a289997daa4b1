namespace Lookup.Soak.Fleet;

/// <summary>The two programs that a fleet is made of, published into a folder that is deleted at the end.</summary>
internal sealed class Programs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lookup-fleet-").FullName;

    private Programs()
    {
    }

    public string Service { get; private set; } = "";

    public string Endpoint { get; private set; } = "";

    /// <summary>Gets the folder for files that processes of the fleet read.</summary>
    public string Scratch => _folder;

    /// <param name="service">The folder of an app that has already been published, or null to publish it.</param>
    /// <param name="endpoint">Likewise for the local Cosmos DB endpoint.</param>
    /// <param name="cancellationToken">Ends publishing.</param>
    public static async Task<Programs> PublishAsync(string? service, string? endpoint, CancellationToken cancellationToken)
    {
        var programs = new Programs();
        try
        {
            var app = service ?? Path.Combine(programs._folder, "app");
            if (service is null)
                await Publisher.PublishAsync("src/Functions", app, Path.Combine(programs._folder, "build-app"), cancellationToken);
            var emulator = endpoint ?? Path.Combine(programs._folder, "endpoint");
            if (endpoint is null)
                await Publisher.PublishAsync("src/Emulator", emulator, Path.Combine(programs._folder, "build-endpoint"), cancellationToken);
            programs.Service = Path.Combine(app, "Lookup.Functions");
            programs.Endpoint = Path.Combine(emulator, "Lookup.Emulator");
            return programs;
        }
        catch
        {
            programs.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
