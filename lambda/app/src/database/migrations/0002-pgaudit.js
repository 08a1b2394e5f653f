// The parameter groups of both clusters load pgAudit, which logs nothing until its extension is created (Amazon Aurora User
// Guide, "Setting up the pgAudit extension"). Only a server that is not Aurora lacks the extension; it is skipped there.
export default `
do $$
begin
  if exists (select from pg_available_extensions where name = 'pgaudit') then
    create extension if not exists pgaudit;
  end if;
end
$$;
`;
