/** What each shell is told: to ask `tscompose complete` where the cursor is. `:files` and `:directories` leave it to the shell. */

/** Bash breaks words at `=` and `:`, and puts back only what is behind the last of them. */
const bash = `# tscompose for bash: source this, or put it into a file of bash-completion's directory
_tscompose() {
    local line=\${COMP_LINE:0:COMP_POINT} words=() answer value whole current
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    whole=\${words[\${#words[@]} - 1]}
    current=\${COMP_WORDS[COMP_CWORD]}
    [[ $current == [=:] ]] && current=
    COMPREPLY=()
    while IFS= read -r answer; do
        case $answer in
        :files) compopt -o default 2>/dev/null; COMPREPLY=(); return ;;
        :directories) compopt -o dirnames 2>/dev/null; COMPREPLY=(); return ;;
        esac
        value=\${answer%%$'\\t'*}
        [[ $value == *[=:] ]] && compopt -o nospace 2>/dev/null
        COMPREPLY+=("\${value:\${#whole} - \${#current}}")
    done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _tscompose tscompose
`

const zsh = `#compdef tscompose
# tscompose for zsh: put this into a file "_tscompose" of a directory in $fpath, or source it after compinit
_tscompose() {
    local answer value
    local -a plain open
    for answer in "\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $answer in
        '') continue ;;
        :files) _files; return ;;
        :directories) _files -/; return ;;
        esac
        value=\${answer%%$'\\t'*}
        if [[ $value == *[=:] ]]; then
            open+=("\${value//:/\\\\:}")
        elif [[ $answer == *$'\\t'* ]]; then
            plain+=("\${value//:/\\\\:}:\${answer#*$'\\t'}")
        else
            plain+=("\${value//:/\\\\:}")
        fi
    done
    (( \${#plain} )) && _describe tscompose plain
    (( \${#open} )) && _describe tscompose open -S ''
    return 0
}
if [[ \${funcstack[1]} == _tscompose ]]; then
    _tscompose "$@"
else
    compdef _tscompose tscompose
fi
`

const fish = `# tscompose for fish: put this into ~/.config/fish/completions/tscompose.fish
function __tscompose_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answers ($words[1] complete -- $words[2..-1] 2>/dev/null)
    switch "$answers[1]"
        case ':files'
            __fish_complete_path (commandline -ct)
        case ':directories'
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\\n' $answers
    end
end
complete -c tscompose -f -a '(__tscompose_complete)'
`

/** Without an answer PowerShell completes files by itself. An empty word would get lost on the way. */
const powershell = `# tscompose for PowerShell: add this to $PROFILE
Register-ArgumentCompleter -Native -CommandName tscompose -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = $commandAst.CommandElements[0].ToString()
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $next = if ($wordToComplete -eq '') { @('--next') } else { @() }
    & $program complete @next '--' @words 2>$null | Where-Object { $_ -notlike ':*' } | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}
`

export const SCRIPTS: Readonly<Record<string, string>> = { bash, fish, powershell, zsh }
