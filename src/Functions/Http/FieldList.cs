using System.Buffers;
using System.Text;

namespace Lookup.Functions.Http;

/// <summary>
/// An enumerator of the elements <c>name</c>, <c>name=token</c> and <c>name="quoted"</c> of a list-based field (RFC 9110 §5.6). Other
/// elements are skipped.
/// </summary>
internal ref struct FieldList(string? field)
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ReadOnlySpan<char> _rest = field;

    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Gets the value without quotes and escapes, or <see langword="null"/> if there is none.</summary>
    public string? Value { get; private set; }

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            if (TryReadElement())
                return true;
        }

        return false;
    }

    private bool TryReadElement()
    {
        SkipBlanks();
        Name = ReadToken();
        Value = null;
        SkipBlanks();
        var isWellFormed = !Name.IsEmpty;
        if (isWellFormed && _rest.StartsWith('='))
        {
            _rest = _rest[1..];
            SkipBlanks();
            Value = _rest.StartsWith('"') ? ReadQuoted() : ReadToken().ToString();
            isWellFormed = Value is { Length: > 0 };
            SkipBlanks();
        }

        // An element ends at a comma. Other text before the comma makes the element malformed.
        isWellFormed &= _rest.IsEmpty || _rest[0] == ',';
        SkipElement();
        return isWellFormed;
    }

    private void SkipBlanks() => _rest = _rest.TrimStart(" \t");

    private ReadOnlySpan<char> ReadToken()
    {
        var end = _rest.IndexOfAnyExcept(TokenCharacters);
        var token = end < 0 ? _rest : _rest[..end];
        _rest = _rest[token.Length..];
        return token;
    }

    /// <summary>Reads a quoted string (RFC 9110 §5.6.4), or returns <see langword="null"/> if the closing quote is missing.</summary>
    private string? ReadQuoted()
    {
        var text = new StringBuilder();
        for (var i = 1; i < _rest.Length; i++)
        {
            var c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                return text.ToString();
            }

            if (c == '\\' && ++i < _rest.Length)
                c = _rest[i];
            text.Append(c);
        }

        _rest = default;
        return null;
    }

    private void SkipElement()
    {
        // A comma inside quotes does not end an element.
        var isQuoted = false;
        for (var i = 0; i < _rest.Length; i++)
        {
            if (_rest[i] == '\\' && isQuoted)
            {
                i++;
            }
            else if (_rest[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (_rest[i] == ',' && !isQuoted)
            {
                _rest = _rest[(i + 1)..];
                return;
            }
        }

        _rest = default;
    }
}
