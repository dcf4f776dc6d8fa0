//! The PostgreSQL protocol against a server in this process, asked by a driver and by psql where it is installed.

mod answers;
mod commands;
mod documented;
mod limits;
mod logins;
mod parameters;
mod psql;
mod right_answers;
mod standing;
mod support;
mod unread;
