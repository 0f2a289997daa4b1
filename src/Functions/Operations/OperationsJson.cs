using System.Text.Json;
using System.Text.Json.Serialization;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;

namespace Lookup.Functions.Operations;

/// <summary>The JSON of statistics and health reports: source-generated, camelCase, nulls omitted.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StatisticsReport))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class OperationsJson : JsonSerializerContext;
