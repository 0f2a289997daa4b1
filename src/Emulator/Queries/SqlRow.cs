using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>What an expression is computed from: one document, or for aggregates all of those that passed the WHERE.</summary>
internal sealed record SqlRow(SqlValue Document, SqlParameters Parameters, IReadOnlyList<JsonElement>? Group = null);

/// <summary>An expression, ready to compute.</summary>
internal delegate SqlValue SqlExpression(SqlRow row);
