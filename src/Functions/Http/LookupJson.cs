using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lookup.Functions.Http;

/// <summary>How the service writes its own JSON: source-generated, camelCase, nothing for null.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class LookupJson : JsonSerializerContext;
