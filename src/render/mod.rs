//! One unit of work to documents: static files, charts, native templates.
