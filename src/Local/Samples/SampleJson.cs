using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lookup.Local.Samples;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SampleUser))]
internal sealed partial class SampleJson : JsonSerializerContext
{
    /// <summary>Writes letters and signs as they are: the text is a document, and never part of a web page.</summary>
    public static SampleJson Plain { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
