using System.Buffers;
using System.Text;

namespace Lookup.Functions.Http;

/// <summary>
/// Walks the elements <c>name</c>, <c>name=token</c> and <c>name="quoted"</c> of a list-based field (RFC 9110 §5.6), and steps over
/// what is none of these.
/// </summary>
internal ref struct FieldList(string? field)
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ReadOnlySpan<char> _rest = field;

    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>The value without quotes and escapes; <see langword="null"/> where there is none.</summary>
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

        // An element ends at a comma; if more stands before it, the element is not one.
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

    /// <summary>RFC 9110 §5.6.4; <see langword="null"/> where the closing quote is missing.</summary>
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
        // A comma inside quotes ends nothing.
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
