-- The three database roles, for psql 14 or newer, run by a superuser against any database of the server.
-- It may be run again: it then sets the passwords and rights anew and touches no data.
--
--   owner        cannot log in; owns the database and everything in it
--   migrator     logs in for `manage.py migrate` only; acts as the owner, so that what it makes is the owner's
--   application  the login of web, worker and beat: no superuser, owns nothing, member of nothing
--
-- Passwords come from the environment, so that they stand in no command line:
--   TRIAL_MIGRATOR_PASSWORD=… TRIAL_APP_PASSWORD=… psql -f roles.sql postgres
-- Other names: psql -v prefix=other -v database=other. Table rights are granted by `manage.py migrate`.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
\getenv migrator_password TRIAL_MIGRATOR_PASSWORD
\getenv app_password TRIAL_APP_PASSWORD
\if :{?prefix} \else \set prefix trial
\endif
\if :{?database} \else \set database trial
\endif
\set owner :prefix _owner
\set migrator :prefix _migrator
\set app :prefix _app

\if :{?migrator_password} \else
DO $$ BEGIN RAISE EXCEPTION 'TRIAL_MIGRATOR_PASSWORD is not set.'; END $$;
\endif
\if :{?app_password} \else
DO $$ BEGIN RAISE EXCEPTION 'TRIAL_APP_PASSWORD is not set.'; END $$;
\endif

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY[:'owner', :'migrator', :'app']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE :"owner" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"migrator" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'migrator_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'app_password';

GRANT :"owner" TO :"migrator";
ALTER ROLE :"migrator" SET role = :'owner';

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"app";
GRANT CONNECT ON DATABASE :"database" TO :"migrator", :"app";

\connect :"database"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"app";
GRANT USAGE ON SCHEMA public TO :"app";
