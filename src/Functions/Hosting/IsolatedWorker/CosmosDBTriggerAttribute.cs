#if !COSMOSDB_TRIGGER
using Lookup.Functions.Eviction;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>
/// The declaration of the Cosmos DB trigger in a build without the package that contains the attribute (<c>CosmosDBTrigger=false</c>).
/// The <c>function.json</c> of the custom handler is generated from it.
/// </summary>
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
internal sealed class CosmosDBTriggerAttribute(string databaseName, string containerName) : TriggerBindingAttribute
{
    public string DatabaseName { get; } = databaseName;

    public string ContainerName { get; } = containerName;

    public string? Connection { get; set; }

    public string? LeaseContainerName { get; set; }

    public bool CreateLeaseContainerIfNotExists { get; set; }
}

/// <summary>A transformer that removes the trigger from the functions that the worker reports: without the package, the host has no extension for it.</summary>
internal sealed class WithoutTrigger : IFunctionMetadataTransformer
{
    public string Name => nameof(WithoutTrigger);

    public void Transform(IList<IFunctionMetadata> original)
    {
        for (var i = original.Count - 1; i >= 0; i--)
        {
            if (original[i].Name == nameof(EvictStaleUsers))
                original.RemoveAt(i);
        }
    }
}
#endif
