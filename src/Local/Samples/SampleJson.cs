using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lookup.Local.Samples;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SampleUser))]
internal sealed partial class SampleJson : JsonSerializerContext;
