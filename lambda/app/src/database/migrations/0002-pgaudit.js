// The parameter groups of both members load pgAudit, which logs nothing until its extension is there (Amazon Aurora User
// Guide, "Setting up the pgAudit extension"). A server that has not got it is not Aurora.
export default `
do $$
begin
  if exists (select from pg_available_extensions where name = 'pgaudit') then
    create extension if not exists pgaudit;
  end if;
end
$$;
`;
