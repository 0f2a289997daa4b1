using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lookup.Functions.Eviction;

/// <summary>The JSON context of evictions: source-generated, camelCase, nulls omitted.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(EvictionReport))]
internal sealed partial class EvictionJson : JsonSerializerContext;
