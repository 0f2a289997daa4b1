using Lookup.Functions.Http;

namespace Lookup.Functions.OpenApi;

/// <summary>The endpoint metadata that describes an operation to clients.</summary>
/// <param name="Id">The name of the operation in generated clients.</param>
/// <param name="Summary">The summary of the operation.</param>
/// <param name="Parameters">The parameters, in addition to the body.</param>
/// <param name="Responses">The successful responses.</param>
/// <param name="Problems">The error responses.</param>
/// <param name="HasBody"><see langword="true"/> if the operation requires the body of a lookup of several users.</param>
internal sealed record ApiOperation(
    string Id,
    string Summary,
    IReadOnlyList<ApiParameter> Parameters,
    IReadOnlyList<ApiResponse> Responses,
    IReadOnlyList<ProblemKind> Problems,
    bool HasBody = false);

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">The name.</param>
/// <param name="Place">The location: <c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Description">The description.</param>
/// <param name="Example">An example that works with the sample users.</param>
internal sealed record ApiParameter(string Name, string Place, string Description, string Example);

/// <summary>A successful response of an operation.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Description">The description.</param>
/// <param name="Content">The kind of the body.</param>
/// <param name="HasLookupFields"><see langword="true"/> if the response has the header fields of a lookup, such as <c>Age</c>.</param>
internal sealed record ApiResponse(int Status, string Description, ApiContent Content, bool HasLookupFields = false);

/// <summary>The kinds of bodies.</summary>
internal enum ApiContent
{
    None,
    Text,
    User,
    Users,
    LookedUp,
    Eviction,
    Statistics,
    Health,
    Document,
}
