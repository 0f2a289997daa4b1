using Lookup.Host.Tests.Driver;

[assembly: AssemblyFixture(typeof(PublishedApp))]

namespace Lookup.Host.Tests;

/// <summary>The functions that a published folder describes to the host.</summary>
internal static class PublishedFunctions
{
    extension(PublishedApp app)
    {
        /// <summary>Gets the functions that the published folder describes.</summary>
        public IReadOnlyList<FunctionFolder> Functions =>
            [.. Directory.GetDirectories(app.Root).Where(FunctionFolder.IsOne).Select(FunctionFolder.Read)];

        /// <summary>Gets the functions of the isolated worker.</summary>
        public IReadOnlyList<FunctionFolder> WorkerFunctions => FunctionFolder.ReadMetadata(Path.Combine(app.Root, "functions.metadata"));
    }
}
