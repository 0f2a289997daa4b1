@description('The suffix that makes the resource name unique for each environment.')
param suffix string

@description('The location of the resource.')
param location string

@description('The tags of the resource.')
param tags object

@description('The workspace that contains the metrics.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'lookup', suffix)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Lookup'
    description: 'The staleness bound, savings and problems.'
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: loadTextContent('workbook.json')
  }
}
