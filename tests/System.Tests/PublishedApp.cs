using Lookup.System.Tests;
using Lookup.System.Tests.Driver;

[assembly: AssemblyFixture(typeof(PublishedApp))]

namespace Lookup.System.Tests;

/// <summary>The function app as <c>dotnet publish</c> leaves it, made once for all tests.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lookup-published-").FullName;

    /// <summary>What would be zipped and deployed.</summary>
    public string Root => Path.Combine(_folder, "app");

    /// <summary>The functions that the folder describes.</summary>
    internal IReadOnlyList<FunctionFolder> Functions =>
        [.. Directory.GetDirectories(Root).Where(FunctionFolder.IsOne).Select(FunctionFolder.Read)];

    public async ValueTask InitializeAsync() =>
        await Publisher.PublishAsync("src/Functions", Root, Path.Combine(_folder, "build"), CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
