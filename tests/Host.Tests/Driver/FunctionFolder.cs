using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>The description of a function, as the Functions host reads it: in its folder, or in the metadata of the isolated worker.</summary>
/// <param name="Name">The name of the function, which is that of its folder.</param>
/// <param name="Trigger">The trigger binding.</param>
/// <param name="Json">The whole description.</param>
internal sealed record FunctionFolder(string Name, JsonElement Trigger, JsonElement Json)
{
    public bool IsHttp => Type == "httpTrigger";

    public string Type => Trigger.GetProperty("type").GetString()!;

    /// <summary>Gets the route of an HTTP function, such as <c>users/{id}</c>.</summary>
    public string Route => Trigger.GetProperty("route").GetString()!;

    public string AuthLevel => Trigger.GetProperty("authLevel").GetString()!.ToLowerInvariant();

    public IReadOnlyList<string> Methods => [.. Trigger.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!.ToUpperInvariant())];

    public static bool IsOne(string folder) => File.Exists(FileIn(folder));

    public static FunctionFolder Read(string folder) => Read(Path.GetFileName(folder), JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(FileIn(folder))));

    /// <summary>Reads the functions of an isolated worker.</summary>
    public static IReadOnlyList<FunctionFolder> ReadMetadata(string file) =>
        [.. JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllText(file))!.Select(function => Read(function.GetProperty("name").GetString()!, function))];

    /// <summary>Reads the description of a function that has a property <c>bindings</c>.</summary>
    public static FunctionFolder Read(string name, JsonElement json)
    {
        var trigger = json.GetProperty("bindings").EnumerateArray()
            .Single(binding => binding.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.Ordinal));
        return new FunctionFolder(name, trigger, json);
    }

    private static string FileIn(string folder) => Path.Combine(folder, "function.json");
}
