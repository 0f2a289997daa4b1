using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Queries;

/// <summary>The errors of queries, with a JSON document in the message, as Cosmos DB sends them.</summary>
internal static class SqlError
{
    // The codes and "Syntax error, …" are Cosmos DB's own.
    private const string SyntaxCode = "SC1001";
    private const string UnsupportedCode = "SC2001";

    public static CosmosErrorException Syntax(string detail) => Make(SyntaxCode, $"Syntax error, {detail}");

    public static CosmosErrorException Unsupported(string what) => Make(UnsupportedCode, $"This endpoint does not support {what}.");

    private static CosmosErrorException Make(string code, string message) =>
        CosmosErrorException.BadRequest($$"""{"errors":[{"severity":"Error","code":"{{code}}","message":"{{JsonEncodedText.Encode(message)}}"}]}""");
}
