namespace Lookup.Support;

/// <summary>The function app as published by <c>dotnet publish</c>, once for all tests of an assembly.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lookup-published-").FullName;

    /// <summary>Gets the folder that would be zipped and deployed.</summary>
    public string Root => Path.Combine(_folder, "app");

    public async ValueTask InitializeAsync() =>
        await Publisher.PublishAgainAsync("src/Functions", Root, CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
