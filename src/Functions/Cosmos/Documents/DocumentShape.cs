using System.Text;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>Which properties of a stored document mean something to the service, and which are not shown.</summary>
internal sealed class DocumentShape
{
    public DocumentShape(JsonPath partitionKey, IReadOnlyList<JsonPath> alternateKeys, IReadOnlyList<JsonPath> hiddenFields)
    {
        PartitionKey = partitionKey;
        AlternateKeys = alternateKeys;
        HiddenFields = hiddenFields;
        Root = new Node([]);

        // Cosmos DB's own, at the top level only: deeper they are the owner's.
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
        Root.Descend(partitionKey.Names).Role |= PropertyRole.PartitionKey;
        foreach (var path in alternateKeys)
            Root.Descend(path.Names).AlternateKey = path.Text;
        foreach (var path in hiddenFields)
            Root.Descend(path.Names).IsHidden = true;
    }

    public JsonPath PartitionKey { get; }

    public IReadOnlyList<JsonPath> AlternateKeys { get; }

    public IReadOnlyList<JsonPath> HiddenFields { get; }

    /// <summary>The hidden fields that no document read so far has had.</summary>
    public IEnumerable<JsonPath> HiddenFieldsNeverFound => HiddenFields.Where(path => !Root.Descend(path.Names).WasFound);

    /// <summary>Users are partitioned by their id: it alone names one.</summary>
    public bool IsPartitionedById => PartitionKey.Text == "/id";

    /// <summary>The document itself; its properties that matter are below.</summary>
    public Node Root { get; }

    /// <summary>One name in the tree of the properties that matter.</summary>
    internal sealed class Node(byte[] name)
    {
        private readonly List<Node> _children = [];

        public PropertyRole Role { get; set; }

        public bool IsHidden { get; set; }

        /// <summary>A document has had this hidden property.</summary>
        public bool WasFound { get; private set; }

        /// <summary>The path of the alternate key that this property is, if it is one.</summary>
        public string? AlternateKey { get; set; }

        public bool HasChildren => _children.Count > 0;

        public void NoteFound()
        {
            // Read first: the field is shared by all threads that read documents.
            if (!WasFound)
                WasFound = true;
        }

        /// <summary>The child that the property name at the reader names, escapes understood.</summary>
        public Node? Match(ref System.Text.Json.Utf8JsonReader reader)
        {
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
