using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

// Writes into the folder of an app the files that the Functions host reads, from functions.metadata of the build: (1) <function>/function.json
// for a custom handler; (2) functions.metadata for the isolated worker, without functions whose trigger has no extension in the app.
if (args is not [var metadataPath, var folder, .. { Length: <= 1 } leftOut])
{
    Console.Error.WriteLine("Usage: Lookup.FunctionJson <functions.metadata> <folder of the app> [<trigger type to leave out of the isolated worker>]");
    return 1;
}

var options = new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
var functions = JsonNode.Parse(File.ReadAllText(metadataPath))!.AsArray();
foreach (var function in functions)
{
    var described = new JsonObject { ["bindings"] = new JsonArray([.. Bindings(function!).Select(Describe)]) };
    if (function!["retry"] is { } retry)
        described["retry"] = retry.DeepClone();
    Write(described, Path.Combine(Directory.CreateDirectory(Path.Combine(folder, (string)function["name"]!)).FullName, "function.json"));
}

var kept = functions.Where(function => !Bindings(function!).Any(binding => leftOut.Contains((string)binding["type"]!)));
Write(new JsonArray([.. kept.Select(function => function!.DeepClone())]), Path.Combine(folder, "functions.metadata"));
return 0;

static IEnumerable<JsonObject> Bindings(JsonNode function) => function["bindings"]!.AsArray().Select(binding => binding!.AsObject());

// Removes what belongs to the worker's SDK only. The host proxies only functions with exactly one HTTP trigger and one HTTP output.
static JsonNode Describe(JsonObject binding)
{
    var described = new JsonObject();
    foreach (var (name, value) in binding)
    {
        described[name] = name switch
        {
            "name" when (string?)value == "$return" => "res",
            "direction" or "authLevel" => ((string)value!).ToLowerInvariant(),
            _ => value?.DeepClone(),
        };
    }

    described.Remove("properties");
    described.Remove("dataType");
    return described;
}

void Write(JsonNode json, string path) => File.WriteAllText(path, json.ToJsonString(options) + "\n");
