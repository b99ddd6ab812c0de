import Testing

/// What goes in and what must come out; words of argv are separated by `|`. A row of one column must come through as it is.
struct Row: Sendable, CustomTestStringConvertible {
    var input: String
    var expected: String?

    init(_ input: String, _ expected: String? = nil) {
        self.input = input
        self.expected = expected
    }

    var testDescription: String { input }
}

private let github = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
private let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

let tokenRows: [Row] = [
    Row("claude|sk-ant-api03-abcdefghijklmnopqrst-uv", "claude|[redacted]"),
    Row("x|sk-proj-AbCdEf0123456789abcdef", "x|[redacted]"),
    Row("x|sk-1234567890abcdef", "x|[redacted]"),
    Row("x|sk-or-v1-0123456789abcdef0123456789abcdef", "x|[redacted]"),
    Row("git|push|https://\(github)@github.com/a/b", "git|push|https://[redacted]@github.com/a/b"),
    Row("x|gho_0123456789abcdefghij", "x|[redacted]"), Row("x|ghu_0123456789abcdefghij", "x|[redacted]"),
    Row("x|ghs_0123456789abcdefghij", "x|[redacted]"), Row("x|ghr_0123456789abcdefghij", "x|[redacted]"),
    Row("x|github_pat_11ABCDEFG0_abcdefghijklmnop", "x|[redacted]"),
    Row("x|glpat-abcdefghij0123456789", "x|[redacted]"), Row("x|xoxb-12345-67890-abcdefghij", "x|[redacted]"),
    Row("x|xoxp-12345-67890-abcdefghij", "x|[redacted]"), Row("x|xoxa-2-abcdefghijkl", "x|[redacted]"),
    Row("x|xoxr-abcdefghijkl", "x|[redacted]"), Row("x|xoxs-abcdefghijkl", "x|[redacted]"),
    Row("x|AKIAIOSFODNN7EXAMPLE", "x|[redacted]"), Row("x|id=ASIAIOSFODNN7EXAMPLE.", "x|id=[redacted]."),
    Row("x|AIzaSyA-1234567890abcdefghijklmnopqrstu", "x|[redacted]"),
    Row("x|\(jwt)", "x|[redacted]"), Row("x|a=\(jwt),b", "x|a=[redacted],b"),
    Row("x|eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "x|[redacted]"),
    Row("x|npm_abcdefghijklmnopqrstuvwxyz0123456789", "x|[redacted]"),
    Row("x|pypi-AgEIcHlwaS5vcmcCJDU1ZmE0", "x|[redacted]"),
    Row("x|hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "x|[redacted]"),
    Row("x|dop_v1_0123456789abcdef0123456789abcdef", "x|[redacted]"),
    Row("x|SG.abcdefghijklmnop012345.ABCDEFGHIJKLMNOP0123456789", "x|[redacted]"),
    Row("x|sk_live_0123456789abcdef", "x|[redacted]"), Row("x|hvs.CAESIabcdefghijklmnop", "x|[redacted]"),
    Row("x|-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", "x|[redacted]"),
    Row("x|a -----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY----- b", "x|a [redacted] b"),
    Row("x|-----BEGIN PRIVATE KEY-----\nMIIB", "x|[redacted]"),
    Row("x|(\(github))", "x|([redacted])"), Row("\(github)", "[redacted]"), Row("x|é\(github)é", "x|é[redacted]é"),
]

let urlRows: [Row] = [
    Row("psql|postgres://app:hunter2@db:5432/prod", "psql|postgres://app:[redacted]@db:5432/prod"),
    Row("x|https://user:p%40ss@host/", "x|https://user:[redacted]@host/"),
    Row("x|redis://:pw@cache:6379", "x|redis://:[redacted]@cache:6379"),
    Row("x|amqp://u:p@ss@host/v", "x|amqp://u:[redacted]@host/v"),
    Row("x|postgres://u:pa/ss@host/db", "x|postgres://u:[redacted]@host/db"),
    Row("x|--proxy=http://u:p@h:1", "x|--proxy=http://u:[redacted]@h:1"),
    Row("curl|https://h/p?access_token=abc&x=1", "curl|https://h/p?access_token=[redacted]&x=1"),
    Row("curl|https://h/p?x=1&api_key=abc#f", "curl|https://h/p?x=1&api_key=[redacted]"),
    Row(
        "git|clone|https://x-access-token:abc@github.com/a", "git|clone|https://x-access-token:[redacted]@github.com/a"),
]

let optionRows: [Row] = [
    Row("x|--token=abc", "x|--token=[redacted]"), Row("x|--token|abc", "x|--token|[redacted]"),
    Row("x|--password|hunter2|--verbose", "x|--password|[redacted]|--verbose"),
    Row("x|--password=my pass", "x|--password=[redacted]"), Row("x|--api-key|abc", "x|--api-key|[redacted]"),
    Row("x|--api_key=abc", "x|--api_key=[redacted]"), Row("x|--apiKey=abc", "x|--apiKey=[redacted]"),
    Row("x|--client-secret|abc", "x|--client-secret|[redacted]"), Row("x|--secret=abc", "x|--secret=[redacted]"),
    Row("x|--passphrase|abc def", "x|--passphrase|[redacted]"), Row("x|--db-pass=abc", "x|--db-pass=[redacted]"),
    Row("x|--auth-token|abc", "x|--auth-token|[redacted]"), Row("x|--TOKEN=abc", "x|--TOKEN=[redacted]"),
    Row("x|--authToken=abc", "x|--authToken=[redacted]"), Row("x|-token=abc", "x|-token=[redacted]"),
    Row("java|-Djavax.net.ssl.keyStorePassword=changeit", "java|-Djavax.net.ssl.keyStorePassword=[redacted]"),
    Row("x|--password=$ecret", "x|--password=[redacted]"), Row("x|--secret-key=/abc+def", "x|--secret-key=[redacted]"),
    Row("x|--private-key=MIIEvQIBADANBg", "x|--private-key=[redacted]"),
    Row("x|--key=0123456789abcdef0123", "x|--key=[redacted]"),
    Row("helm|--set|db.password=foo", "helm|--set|db.password=[redacted]"),
    Row("helm|--set|a=1,db.password=foo,b=2", "helm|--set|a=1,db.password=[redacted],b=2"),
    Row("x|--token||y"), Row("x|--password|-v"),
    Row("curl|-H|Authorization: Bearer abc", "curl|-H|Authorization: Bearer [redacted]"),
    Row("curl|-H|Authorization: Basic dXNlcjpwYXNz", "curl|-H|Authorization: Basic [redacted]"),
    Row("curl|-H|authorization: token abc def", "curl|-H|authorization: token [redacted] def"),
    Row("curl|-H|Authorization: abc def", "curl|-H|Authorization: [redacted]"),
    Row("curl|-HAuthorization: Bearer abc", "curl|-HAuthorization: Bearer [redacted]"),
    Row("curl|--header=Authorization: Bearer abc", "curl|--header=Authorization: Bearer [redacted]"),
    Row("curl|-H|X-Api-Key: abc", "curl|-H|X-Api-Key: [redacted]"),
    Row("curl|-H|PRIVATE-TOKEN: abc", "curl|-H|PRIVATE-TOKEN: [redacted]"),
    Row("curl|-H|X-Vault-Token: abc", "curl|-H|X-Vault-Token: [redacted]"),
    Row("curl|-H|Cookie: session=abc; a=b", "curl|-H|Cookie: [redacted]"),
    Row("curl|-u|me:pw|h", "curl|-u|me:[redacted]|h"), Row("curl|-ume:pw", "curl|-ume:[redacted]"),
    Row("curl|--user|me:p:w", "curl|--user|me:[redacted]"),
    Row("/usr/bin/curl|-u|me:pw", "/usr/bin/curl|-u|me:[redacted]"),
    Row("curl|-d|{\"user\":\"a\",\"password\":\"b c\"}", "curl|-d|{\"user\":\"a\",\"password\":\"[redacted]\"}"),
    Row("curl|-d|user=a&password=b&c=d", "curl|-d|user=a&password=[redacted]&c=d"),
    Row("http|-a|me:pw|host", "http|-a|me:[redacted]|host"),
    Row("mysql|-uroot|-psecret|db", "mysql|-uroot|-p[redacted]|db"),
    Row("mysqldump|-psecret", "mysqldump|-p[redacted]"),
    Row("mariadb|-psecret", "mariadb|-p[redacted]"), Row("mysqladmin|-psecret", "mysqladmin|-p[redacted]"),
    Row("sudo|mysql|-psecret", "sudo|mysql|-p[redacted]"),
    Row("docker|exec|db|mysql|-psecret", "docker|exec|db|mysql|-p[redacted]"),
    Row("mysql|--password=abc", "mysql|--password=[redacted]"),
    Row("sshpass|-p|pw|ssh|-p|22|h", "sshpass|-p|[redacted]|ssh|-p|22|h"),
    Row("sshpass|-ppw|ssh|h", "sshpass|-p[redacted]|ssh|h"),
    Row("redis-cli|-a|pw|ping", "redis-cli|-a|[redacted]|ping"),
    Row("docker|login|-u|me|-p|pw", "docker|login|-u|me|-p|[redacted]"), Row("mongosh|-p|pw", "mongosh|-p|[redacted]"),
    Row("ldapsearch|-D|cn=a|-w|pw", "ldapsearch|-D|cn=a|-w|[redacted]"),
    Row("smbclient|-U|me%pw", "smbclient|-U|me%[redacted]"),
    Row("openssl|-passin|pass:abc", "openssl|-passin|pass:[redacted]"),
    Row("aws|configure|set|aws_secret_access_key|abc", "aws|configure|set|aws_secret_access_key|[redacted]"),
    Row("mysql|-psecret", "mysql|-p[redacted]"),
    Row("git|config|gitlab.token|abc", "git|config|gitlab.token|[redacted]"),
    Row("npm|config|set|//r/:_authToken=abc", "npm|config|set|//r/:_authToken=[redacted]"),
]

let variableRows: [Row] = [
    Row("env|FOO_TOKEN=abc|cmd", "env|FOO_TOKEN=[redacted]|cmd"),
    Row("env|my_key=abc|cmd", "env|my_key=[redacted]|cmd"),
    Row("env|PASSWORD=my pass|cmd", "env|PASSWORD=[redacted]|cmd"),
    Row("env|-i|API_KEY=abc|cmd", "env|-i|API_KEY=[redacted]|cmd"),
    Row("sudo|DB_PASSWORD=abc|cmd", "sudo|DB_PASSWORD=[redacted]|cmd"),
    Row("docker|run|-e|A_SECRET=abc|img", "docker|run|-e|A_SECRET=[redacted]|img"),
    Row("docker|run|--env|my_key=a b|img", "docker|run|--env|my_key=[redacted]|img"),
    Row("docker|run|--env=A_TOKEN=abc|img", "docker|run|--env=A_TOKEN=[redacted]|img"),
    Row("make|DEPLOY_KEY=abc", "make|DEPLOY_KEY=[redacted]"),
    Row("sh|-c|PGPASSWORD=abc psql -h db", "sh|-c|PGPASSWORD=[redacted] psql -h db"),
    Row("bash|-c|export FOO_TOKEN=abc; curl -s h", "bash|-c|export FOO_TOKEN=[redacted]; curl -s h"),
    Row("bash|-c|export mykey=abc && x", "bash|-c|export mykey=[redacted] && x"),
    Row("bash|-c|FOO_TOKEN='a b' x", "bash|-c|FOO_TOKEN='[redacted]' x"),
    Row("bash|-c|FOO_TOKEN=\"a \\\" b\" x", "bash|-c|FOO_TOKEN=\"[redacted]\" x"),
    Row("bash|-c|curl -H \"Authorization: Bearer abc\" h", "bash|-c|curl -H \"Authorization: Bearer [redacted]\" h"),
    Row("bash|-c|curl -H 'X-Api-Key: abc' h", "bash|-c|curl -H 'X-Api-Key: [redacted]' h"),
    Row("bash|-c|curl -u 'me:p w' h", "bash|-c|curl -u 'me:[redacted]' h"),
    Row("bash|-c|mysql -psecret -e 'select 1'", "bash|-c|mysql -p[redacted] -e 'select 1'"),
    Row("bash|-c|cd x; mysql -uroot -psecret | cat", "bash|-c|cd x; mysql -uroot -p[redacted] | cat"),
    Row("bash|-c|x --token abc --y", "bash|-c|x --token [redacted] --y"),
    Row("bash|-c|x --password='a b' y", "bash|-c|x --password='[redacted]' y"),
    Row("bash|-c|sh -c 'redis-cli -a pw ping'", "bash|-c|sh -c 'redis-cli -a [redacted] ping'"),
    Row(
        "bash|-c|curl -d \"{\\\"password\\\":\\\"a b\\\"}\" h",
        "bash|-c|curl -d \"{\\\"password\\\":\\\"[redacted]\\\"}\" h"),
    Row("x|Server=db;Pwd=abc;User=u", "x|Server=db;Pwd=[redacted];User=u"),
    Row("mount|-o|username=a,password=b,uid=1", "mount|-o|username=a,password=[redacted],uid=1"),
]
