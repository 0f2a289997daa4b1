using Mono.Cecil;

namespace Lookup.Support;

/// <summary>
/// The layers of an assembly, which are the namespaces directly below its root, and the references between them as they were compiled:
/// base types, members, signatures and method bodies. A constant leaves no reference.
/// </summary>
public sealed class NamespaceLayers
{
    private readonly string _root;
    private readonly ModuleDefinition _module;
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _references = new(StringComparer.Ordinal);

    private NamespaceLayers(ModuleDefinition module, string root)
    {
        (_module, _root) = (module, root);
        foreach (var type in module.GetTypes())
            Read(type);
    }

    /// <summary>Returns a cycle of layers with one reference for each of its steps, or <see langword="null"/> if there is none.</summary>
    /// <param name="assemblyPath">The path of the compiled assembly.</param>
    /// <param name="root">The namespace that contains the layers.</param>
    public static string? FindCycle(string assemblyPath, string root)
    {
        using var module = ModuleDefinition.ReadModule(assemblyPath);
        return new NamespaceLayers(module, root).FindCycle();
    }

    private string? FindCycle()
    {
        var done = new HashSet<string>();
        var path = new List<string>();
        return _references.Keys.Select(Visit).FirstOrDefault(cycle => cycle is not null);

        string? Visit(string layer)
        {
            if (path.IndexOf(layer) is var first and >= 0)
                return Describe([.. path[first..], layer]);
            if (!done.Add(layer) || !_references.TryGetValue(layer, out var next))
                return null;

            path.Add(layer);
            var cycle = next.Keys.Select(Visit).FirstOrDefault(found => found is not null);
            path.RemoveAt(path.Count - 1);
            return cycle;
        }
    }

    private string Describe(string[] cycle) =>
        string.Join('\n', cycle.Zip(cycle.Skip(1), (from, to) => $"{from} -> {to}: {_references[from][to]}"));

    private void Read(TypeDefinition type)
    {
        Note(type, type.BaseType);
        foreach (var implemented in type.Interfaces)
            Note(type, implemented.InterfaceType);
        foreach (var field in type.Fields)
            Note(type, field.FieldType);
        foreach (var method in type.Methods)
        {
            Note(type, method);
            if (!method.HasBody)
                continue;

            foreach (var variable in method.Body.Variables)
                Note(type, variable.VariableType);
            foreach (var instruction in method.Body.Instructions)
            {
                switch (instruction.Operand)
                {
                    case TypeReference named:
                        Note(type, named);
                        break;
                    case MethodReference called:
                        Note(type, called);
                        break;
                    case FieldReference read:
                        Note(type, read.DeclaringType);
                        Note(type, read.FieldType);
                        break;
                }
            }
        }

        foreach (var attribute in type.CustomAttributes)
            Note(type, attribute.AttributeType);
    }

    private void Note(TypeDefinition from, MethodReference method)
    {
        Note(from, method.DeclaringType);
        Note(from, method.ReturnType);
        foreach (var parameter in method.Parameters)
            Note(from, parameter.ParameterType);
        foreach (var argument in (method as GenericInstanceMethod)?.GenericArguments ?? [])
            Note(from, argument);
    }

    private void Note(TypeDefinition from, TypeReference? to)
    {
        foreach (var argument in (to as GenericInstanceType)?.GenericArguments ?? [])
            Note(from, argument);
        if (to is TypeSpecification specification)
        {
            Note(from, specification.ElementType);
            return;
        }

        if (to is null || to.IsGenericParameter || to.Scope != _module || LayerOf(from) is not { } source || LayerOf(to) is not { } target || source == target)
            return;

        if (!_references.TryGetValue(source, out var targets))
            _references[source] = targets = new SortedDictionary<string, string>(StringComparer.Ordinal);
        targets.TryAdd(target, $"{from.FullName} uses {to.FullName}");
    }

    /// <summary>Returns the layer of a type, or <see langword="null"/> if the compiler generated it outside all layers.</summary>
    private string? LayerOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        if (type.Namespace == _root)
            return _root;
        if (!type.Namespace.StartsWith(_root + '.', StringComparison.Ordinal))
            return null;

        var below = type.Namespace[(_root.Length + 1)..];
        return below.Split('.')[0];
    }
}
