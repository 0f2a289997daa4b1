using System.Text;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The properties of a stored document that the service interprets, and those that it hides.</summary>
internal sealed class DocumentShape
{
    public DocumentShape(JsonPath partitionKey, IReadOnlyList<JsonPath> alternateKeys, IReadOnlyList<JsonPath> hiddenFields)
    {
        PartitionKey = partitionKey;
        AlternateKeys = alternateKeys;
        HiddenFields = hiddenFields;
        Root = new Node([]);

        // Cosmos DB's own properties, which exist at the top level only. At deeper levels, these names are ordinary properties.
        foreach (var (name, role) in (ReadOnlySpan<(string, PropertyRole)>)
                 [
                     ("_rid", PropertyRole.None), ("_self", PropertyRole.None), ("_attachments", PropertyRole.None),
                     ("_etag", PropertyRole.ETag), ("_ts", PropertyRole.Timestamp), ("_lsn", PropertyRole.Lsn),
                 ])
        {
            var node = Root.Descend([name]);
            node.IsHidden = true;
            node.Role |= role;
        }

        Root.Descend(["id"]).Role |= PropertyRole.Id;
        Root.Descend(["ttl"]).Role |= PropertyRole.TimeToLive;
        Root.Descend(partitionKey.Names).Role |= PropertyRole.PartitionKey;
        foreach (var path in alternateKeys)
            Root.Descend(path.Names).AlternateKey = path.Text;
        foreach (var path in hiddenFields)
            Root.Descend(path.Names).IsHidden = true;
    }

    public JsonPath PartitionKey { get; }

    public IReadOnlyList<JsonPath> AlternateKeys { get; }

    public IReadOnlyList<JsonPath> HiddenFields { get; }

    /// <summary>Gets the hidden fields that no document so far has contained.</summary>
    public IEnumerable<JsonPath> HiddenFieldsNeverFound => HiddenFields.Where(path => !Root.Descend(path.Names).WasFound);

    /// <summary>Gets a value that indicates whether users are partitioned by their id, so that the id alone identifies a user.</summary>
    public bool IsPartitionedById => PartitionKey.Text == "/id";

    /// <summary>Gets the root of the tree, which represents the document itself.</summary>
    public Node Root { get; }

    /// <summary>A property in the tree of those that the service interprets or hides.</summary>
    internal sealed class Node(byte[] name)
    {
        private readonly List<Node> _children = [];

        public PropertyRole Role { get; set; }

        public bool IsHidden { get; set; }

        /// <summary>Gets a value that indicates whether a document has contained this hidden property.</summary>
        public bool WasFound { get; private set; }

        /// <summary>
        /// Gets or sets the path of the alternate key, or <see langword="null"/> if this property is not an alternate key.
        /// </summary>
        public string? AlternateKey { get; set; }

        public bool HasChildren => _children.Count > 0;

        public void NoteFound()
        {
            // Checked before it is written, because all threads that read documents share this field.
            if (!WasFound)
                WasFound = true;
        }

        /// <summary>Gets the child with the unescaped property name at the reader, or <see langword="null"/>.</summary>
        public Node? Match(ref System.Text.Json.Utf8JsonReader reader)
        {
            if (_children.Count == 0 || !JsonText.IsDecodable(ref reader))
                return null;

            foreach (var child in _children)
            {
                if (child.IsNamedAt(ref reader))
                    return child;
            }

            return null;
        }

        public Node Descend(IReadOnlyList<string> names)
        {
            var node = this;
            foreach (var next in names)
            {
                var utf8 = Encoding.UTF8.GetBytes(next);
                var child = node._children.Find(candidate => candidate.IsNamed(utf8));
                if (child is null)
                    node._children.Add(child = new Node(utf8));
                node = child;
            }

            return node;
        }

        private bool IsNamed(byte[] utf8) => name.AsSpan().SequenceEqual(utf8);

        private bool IsNamedAt(ref System.Text.Json.Utf8JsonReader reader) => reader.ValueTextEquals(name);
    }
}
