using System.Text.Json;
using System.Text.Json.Serialization;
using Lookup.Functions.Eviction;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;

namespace Lookup.Functions.Http;

/// <summary>How the service writes its own JSON: source-generated, camelCase, nothing for null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(EvictionReport))]
[JsonSerializable(typeof(StatisticsReport))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class LookupJson : JsonSerializerContext;
