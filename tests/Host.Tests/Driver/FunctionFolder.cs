using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>The description of a function in its folder, as the Functions host reads it.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Trigger">The trigger binding.</param>
/// <param name="Json">All of function.json.</param>
internal sealed record FunctionFolder(string Name, JsonElement Trigger, JsonElement Json)
{
    public bool IsHttp => Type == "httpTrigger";

    public string Type => Trigger.GetProperty("type").GetString()!;

    /// <summary>Gets the route of an HTTP function, such as <c>users/{id}</c>.</summary>
    public string Route => Trigger.GetProperty("route").GetString()!;

    public string AuthLevel => Trigger.GetProperty("authLevel").GetString()!;

    public IReadOnlyList<string> Methods => [.. Trigger.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!.ToUpperInvariant())];

    public static bool IsOne(string folder) => File.Exists(FileIn(folder));

    public static FunctionFolder Read(string folder)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(FileIn(folder)));
        var trigger = json.GetProperty("bindings").EnumerateArray()
            .Single(binding => binding.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.Ordinal));
        return new FunctionFolder(Path.GetFileName(folder), trigger, json);
    }

    private static string FileIn(string folder) => Path.Combine(folder, "function.json");
}
