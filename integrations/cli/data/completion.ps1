# Completion of cuesmith for PowerShell 5.1 and later; put into $PROFILE:  cuesmith completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName cuesmith -ScriptBlock {
    param($word, $ast, $cursor)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursor } |
        ForEach-Object { if ($_.Value) { [string]$_.Value } else { $_.Extent.Text } })
    & cuesmith completion powershell "--current=$word" -- @words 2>$null | ForEach-Object {
        $kind, $value, $help = $_ -split "`t", 3
        if ($kind -eq 'word') {
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    }
}
