using Lookup.Functions.Http;

namespace Lookup.Functions.OpenApi;

/// <summary>Metadata of an endpoint: what its clients are told about it.</summary>
/// <param name="Id">A name that generated clients use.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Parameters">What it takes besides a body.</param>
/// <param name="Answers">What it answers when all is well.</param>
/// <param name="Problems">What else it answers.</param>
/// <param name="HasBody">It takes the body of a lookup of many users.</param>
internal sealed record ApiOperation(
    string Id,
    string Summary,
    IReadOnlyList<ApiParameter> Parameters,
    IReadOnlyList<ApiAnswer> Answers,
    IReadOnlyList<ProblemKind> Problems,
    bool HasBody = false);

/// <param name="Name">Its name.</param>
/// <param name="Place">Where it stands: <c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">One that works with the sample users.</param>
internal sealed record ApiParameter(string Name, string Place, string Description, string Example);

/// <param name="Status">The HTTP status.</param>
/// <param name="Description">What it means.</param>
/// <param name="Content">What the body is.</param>
/// <param name="IsAboutUsers">It has the header fields that say how the answer came about.</param>
internal sealed record ApiAnswer(int Status, string Description, ApiContent Content, bool IsAboutUsers = false);

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
