using System.Text.Json;

namespace Lookup.Benchmarks.Http.Servers;

/// <summary>An HTTP answer that is known in full before anyone asks.</summary>
internal sealed record Answer(int Status, Dictionary<string, string> Fields, byte[] Body)
{
    public static Answer Load(string path) => JsonSerializer.Deserialize<Answer>(File.ReadAllBytes(path))!;

    public void Save(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this));
}
