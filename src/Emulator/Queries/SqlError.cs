using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Queries;

/// <summary>Errors of queries come as a JSON document within the message, as the service sends them.</summary>
internal static class SqlError
{
    private const string SyntaxCode = "SC1001";
    private const string UnsupportedCode = "SC2001";

    public static CosmosErrorException Syntax(string problem) => Make(SyntaxCode, $"Syntax error, {problem}");

    public static CosmosErrorException Unsupported(string what) => Make(UnsupportedCode, $"This endpoint does not support {what}.");

    private static CosmosErrorException Make(string code, string message) =>
        CosmosErrorException.BadRequest($$"""{"errors":[{"severity":"Error","code":"{{code}}","message":"{{JsonEncodedText.Encode(message)}}"}]}""");
}
