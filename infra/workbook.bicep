@description('What makes the name differ from those of other environments.')
param suffix string

@description('Where it is put.')
param location string

@description('Tags.')
param tags object

@description('The workspace that the metrics are in.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'lookup', suffix)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Lookup'
    description: 'Whether the promise holds, what it saves and what is wrong.'
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: loadTextContent('workbook.json')
  }
}
