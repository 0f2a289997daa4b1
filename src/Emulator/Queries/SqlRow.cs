using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>The input of an expression: one document or, for aggregates, all documents that match WHERE.</summary>
internal sealed record SqlRow(SqlValue Document, SqlParameters Parameters, IReadOnlyList<JsonElement>? Group = null);

/// <summary>A compiled expression.</summary>
internal delegate SqlValue SqlExpression(SqlRow row);
