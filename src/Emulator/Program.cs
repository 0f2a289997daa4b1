using Lookup.Emulator;

return await EmulatorCommand.Create().Parse(args).InvokeAsync();
